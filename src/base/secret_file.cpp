#include "base/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace base {

namespace {

struct SecretDescriptor {
    int number;
    explicit SecretDescriptor(int opened) : number(opened) {}
    SecretDescriptor(const SecretDescriptor&) = delete;
    ~SecretDescriptor() {
        if (number >= 0) ::close(number);
    }
};

Error unusable_file(const std::string& file, const std::string& why) {
    return {Reason::invalid, "secret_file_unusable",
            "The file " + file.substr(file.rfind('/') + 1) + " " + why};
}

}  // namespace

Result<std::string> read_secret_file(const std::string& file) {
    SecretDescriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat facts {};
    if (opened.number < 0 || ::fstat(opened.number, &facts) != 0) {
        return unusable_file(file, std::string("cannot be read: ") + std::strerror(errno) + ".");
    }
    if (!S_ISREG(facts.st_mode)) return unusable_file(file, "is no plain file.");
    if ((facts.st_mode & 077) != 0) {
        return unusable_file(
            file, "may be read or written by others than its owner: set its mode to 0600.");
    }
    std::array<char, 4096> content{};
    auto got = ::read(opened.number, content.data(), content.size());
    if (got < 0) return unusable_file(file, "cannot be read.");
    std::string secret(trim({content.data(), static_cast<std::size_t>(got)}));
    if (secret.empty()) return unusable_file(file, "is empty.");
    return secret;
}

}  // namespace base
