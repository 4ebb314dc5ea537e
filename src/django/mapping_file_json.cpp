#include "mapping_file_json.hpp"

#include <fstream>
#include <iterator>

#include "mapping_json.hpp"

namespace django {

namespace {

constexpr std::uintmax_t mapping_bytes_max = 1024 * 1024;

}  // namespace

base::Result<Mapping> read_mapping(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::error_code failed;
    auto bytes = std::filesystem::file_size(path, failed);
    if (!file || failed || bytes > mapping_bytes_max) {
        return base::Error{base::Reason::not_found, "cannot_read",
                           "The mapping " + path.string() + " cannot be read, or is over 1 MiB."};
    }
    std::string text{std::istreambuf_iterator<char>(file), {}};
    return mapping_from_json(text);
}

}  // namespace django
