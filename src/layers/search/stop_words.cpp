// The words that are most frequent in any text of a language: articles, pronouns, prepositions,
// conjunctions and the forms of "to be" and "to have".
#include <map>
#include <string>
#include <string_view>

#include "plinth/error.hpp"
#include "plinth/search_index.hpp"

namespace plinth {
namespace {

constexpr std::string_view kEnglish =
    "a an and are as at be been but by can do for from had has have he her his i if in into is it "
    "its me my no not of on or our she so such that the their them then there these they this to "
    "was we were what when which who will with would you your";
constexpr std::string_view kFrench =
    "à au aux avec ce ces cette dans de des du elle elles en est et été être eux il ils je la le "
    "les leur leurs lui ma mais me mes moi mon ne nos notre nous on ont ou où par pas pour qu que "
    "qui sa se ses son sont sur ta te tes toi ton tu un une vos votre vous y";
constexpr std::string_view kGerman =
    "aber als am an auch auf aus bei bin bis bist da das dass dem den der des die dies diese "
    "dieser "
    "doch du durch ein eine einem einen einer eines er es für hat habe haben hier ich ihm ihn ihr "
    "im in ist kann man mein mich mir mit nach nicht noch nur ob oder sein sich sie sind so über "
    "um und uns unter vom von vor war was wenn wie wir wird zu zum zur";
constexpr std::string_view kItalian =
    "a ad ai al alla alle anche che chi ci come con da dal dalla dei del della delle di e ed è era "
    "gli ha hanno ho i il in io la le lei lo loro lui ma mi mia mio ne nei nel nella non o per più "
    "se si sono su sua sul sulla suo ti tra tu un una uno vi voi";
constexpr std::string_view kPortuguese =
    "a ao aos as às com como da das de do dos e é ela elas ele eles em entre era essa esse esta "
    "este eu foi há isso isto já lhe mais mas me meu minha muito na nas não nem no nos nós o os ou "
    "para pela pelo por qual quando que quem se sem ser seu só sua são também te tem um uma você";
constexpr std::string_view kSpanish =
    "a al como con de del desde donde el él ella ellas ellos en entre era es esa ese eso esta "
    "está este esto fue ha han hasta hay la las le les lo los más me mi mí mis muy no nos o para "
    "pero por porque que qué se ser si sí sin sobre son su sus también te tu un una uno y ya yo";

std::string_view list_of(std::string_view language) {
  static const std::map<std::string_view, std::string_view> lists = {
      {"english", kEnglish}, {"en", kEnglish},
      {"french", kFrench},   {"fr", kFrench},
      {"german", kGerman},   {"de", kGerman},
      {"italian", kItalian}, {"it", kItalian},
      {"pt", kPortuguese},   {"portuguese", kPortuguese},
      {"spanish", kSpanish}, {"es", kSpanish}};
  const auto found = lists.find(language);
  if (found != lists.end()) return found->second;
  throw Error(ErrorCode::search_language_unknown,
              "There is no list of stop words in \"" + std::string(language) + "\"");
}

}  // namespace

std::vector<std::string> common_stop_words(std::string_view language) {
  std::string_view list = list_of(language);
  std::vector<std::string> words;
  while (!list.empty()) {
    const std::size_t size = std::min(list.find(' '), list.size());
    words.emplace_back(list.substr(0, size));
    list.remove_prefix(std::min(size + 1, list.size()));
  }
  return words;
}

}  // namespace plinth
