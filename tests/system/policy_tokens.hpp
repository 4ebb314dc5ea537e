#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace tests {

/// The same token issued `ago` earlier, signed with the key of the server whose key file that is:
/// good in everything but its time. Throws if file or token are not what they should be.
std::string issued_earlier(const std::string& token, std::chrono::seconds ago,
                           const std::filesystem::path& key_file);

/// The same token with another role, and the signature it had.
std::string with_role(const std::string& token, const std::string& role);

}  // namespace tests
