#include "support/skip.hpp"

#include <iostream>

namespace support {

void skip(const std::string& reason) {
    std::cout << "This test is skipped: " << reason << std::endl;
}

}  // namespace support
