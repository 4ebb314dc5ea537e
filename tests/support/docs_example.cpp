#include "support/docs_example.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace support {

std::string docs_example(const std::string& page, const std::string& first) {
    std::ifstream file(std::string(PORTAL_SOURCE_DIR) + "/docs/" + page, std::ios::binary);
    std::string block;
    bool within = false;
    for (std::string line; std::getline(file, line);) {
        bool fence = line.starts_with("```");
        if (fence && within && block.starts_with(first)) return block;
        if (fence) within = !within;
        if (fence) block.clear();
        if (!fence && within) block += line + "\n";
    }
    throw std::runtime_error("docs/" + page + " has no example that begins with " + first);
}

}  // namespace support
