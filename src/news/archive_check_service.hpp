#pragma once

#include <filesystem>

#include "database/store_file.hpp"
#include "news/verify.hpp"

namespace news {

/// What `verify` has to look at besides log and view where articles are archived: the archives as
/// stores, and that what the log knows of its archived articles is what their events say. Their
/// hash chain is the log's, see bus::follow_chain(). `log`: its file. Throws database::Failure if
/// the log cannot be read.
void check_archives(database::StoreReader& commands, const std::filesystem::path& log,
                    VerifyReport& report);

}  // namespace news
