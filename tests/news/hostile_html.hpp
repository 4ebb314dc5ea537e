#pragma once

#include <string>
#include <vector>

namespace news {

/// What has been tried to get script past cleaners, and what breaks readers of HTML; `alert(1)`
/// stands for harm.
const std::vector<std::string>& hostile_html();

}  // namespace news
