// Writing and removing one document.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "layers/search/analyzer.hpp"
#include "layers/search/layout.hpp"
#include "plinth/transaction.hpp"

namespace plinth::layers::search {

struct Document {
  struct Term {
    Bytes term;
    std::int64_t count;
    Positions kind;
    Bytes positions;  // encoded
  };
  std::int64_t length = 0;
  std::vector<Term> terms;  // rising, each once
  std::optional<std::string> text;
};

Document document_of(std::vector<Word> words);

// For one call; *this and what it refers to must stay until the future is ready.
//
// What is read of the index are the document's own rows alone; statistics are changed by atomic
// additions, and postings are set and cleared unseen. So only transactions that write the same
// document conflict.
//
// Who reads postings, their positions or frequencies reads the number of words too, which every
// write adds to. That one write conflict stands for all of theirs, and keeps commits small.
class DocumentWriter {
 public:
  DocumentWriter(const std::string& name, const Layout& layout, Transaction& tx, Bytes id)
      : name_(name), layout_(layout), tx_(tx), id_(std::move(id)) {}

  Future<void> write(const Document& document);
  // Whether it was there.
  Future<bool> remove();

 private:
  Future<std::optional<ListedDocument>> read_listed() const;
  void check_size(const Document& document, const std::optional<ListedDocument>& before) const;
  void set_terms(const Document& document);
  void set_listing(const Document& document);
  // Terms of `before` that the document will not have.
  void clear_terms(const ListedDocument& before, const Document& document);
  // For one write of a posting, its positions or a frequency.
  Transaction& without_conflict();
  void subtract(ByteView key, std::int64_t number);
  void clear_outside(const ListedDocument& before);
  void set_chunks(ByteView bytes, Bytes (Layout::*key)(ByteView, std::size_t) const);

  const std::string& name_;
  const Layout& layout_;
  Transaction& tx_;
  const Bytes id_;
};

}  // namespace plinth::layers::search
