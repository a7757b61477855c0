// Checks the structure of an LMDB 0.9 file with plain reads and no trust in what they bring: LMDB
// itself follows page numbers and offsets wherever they lead. (Format: struct MDB_page, MDB_node
// and MDB_db of mdb.c.)
#pragma once

#include <string>
#include <vector>

#include "storage/lmdb_file.hpp"
#include "storage/store.hpp"

namespace plinth::storage {

// Follows every page from the roots that `meta` names, which must not be given to a writer
// meanwhile: a read transaction of that state is open. Checks that
// - each page has its own number and a kind that fits its place, and no page is used twice;
// - no page that is used lies behind the file's end;
// - nodes lie inside their page without gaps, and values that have pages of their own there;
// - keys rise, within pages and between them; all leaves have the depth that the table says;
// - the tables' counts of pages and entries are right;
// - each page is either used or in the list of free pages.
// What it does not look at: values, and the unused bytes of pages.
// Returns what is wrong, a sentence each; ends early when `progress` returns false.
std::vector<std::string> check_lmdb_pages(int fd, const std::string& file, const LmdbMeta& meta,
                                          const Progress& progress);

// The same for no more than the table of tables and one table, by its name. All is read.
std::vector<std::string> check_lmdb_table(int fd, const std::string& file, const LmdbMeta& meta,
                                          ByteView table);

// Whether LMDB can walk over a leaf page of its map without being led astray: entries lie in the
// page and have no flags that make it use what is not there. Quick; says nothing of keys and
// values.
bool lmdb_leaf_is_sound(const char* page, std::size_t page_bytes) noexcept;

}  // namespace plinth::storage
