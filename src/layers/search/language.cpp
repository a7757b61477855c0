#include "layers/search/language.hpp"

#include <libstemmer.h>

#include <map>
#include <memory>

#include "plinth/error.hpp"

namespace plinth::layers::search {
namespace {

struct Deleter {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};

// Null for an unknown language.
sb_stemmer* stemmer_of(const std::string& language) {
  // One stemmer must not be used by two threads at a time, and making one takes as long as a
  // hundred words.
  thread_local std::map<std::string, std::unique_ptr<sb_stemmer, Deleter>> stemmers;
  const auto found = stemmers.find(language);
  if (found != stemmers.end()) return found->second.get();
  std::unique_ptr<sb_stemmer, Deleter> made(sb_stemmer_new(language.c_str(), "UTF_8"));
  if (!made) return nullptr;
  return (stemmers[language] = std::move(made)).get();
}

}  // namespace

bool is_known_language(const std::string& language) {
  return stemmer_of(language) != nullptr;
}

std::string stem(const std::string& language, std::string_view word) {
  sb_stemmer* stemmer = stemmer_of(language);
  if (stemmer == nullptr) throw Error(ErrorCode::large_alloc_failed, "Stemmer of " + language);
  const sb_symbol* stemmed = sb_stemmer_stem(
      stemmer, reinterpret_cast<const sb_symbol*>(word.data()), static_cast<int>(word.size()));
  if (stemmed == nullptr) throw Error(ErrorCode::large_alloc_failed, "Stemmer of " + language);
  return {reinterpret_cast<const char*>(stemmed),
          static_cast<std::size_t>(sb_stemmer_length(stemmer))};
}

}  // namespace plinth::layers::search
