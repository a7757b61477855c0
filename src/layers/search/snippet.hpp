// Cuts the part out of a text that shows what was found.
#pragma once

#include <string_view>

#include "layers/search/plan.hpp"

namespace plinth::layers::search {

SearchSnippet make_snippet(std::string_view text, const Plan& plan, const Analyzer& analyzer);

}  // namespace plinth::layers::search
