#pragma once

#include <random>
#include <string>
#include <vector>

namespace news {

/// What has been tried to get script past cleaners, and what breaks readers of HTML; `alert(1)`
/// stands for harm.
const std::vector<std::string>& hostile_html();
/// The same in Markdown.
const std::vector<std::string>& hostile_markdown();
/// Pieces of hostile HTML put together in another way.
std::string mutated_html(std::mt19937& random);

}  // namespace news
