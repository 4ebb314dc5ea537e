#include "secret_keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace legacy {

namespace {

constexpr std::size_t secret_file_bytes_max = 64 * 1024;
constexpr std::size_t keys_max = 32;

base::Error system_error(const std::filesystem::path& file) {
    return key_file_unusable(file, std::string("cannot be read: ") + std::strerror(errno) + ".");
}

enum class Secrecy { secret, open };

base::Result<std::string> content_of(int opened, const std::filesystem::path& file,
                                     Secrecy secrecy) {
    struct stat facts {};
    if (::fstat(opened, &facts) != 0) return system_error(file);
    if (!S_ISREG(facts.st_mode)) return key_file_unusable(file, "is no plain file.");
    if (secrecy == Secrecy::open && (facts.st_mode & 022) != 0) {
        return key_file_unusable(file,
                                 "may be written by others than its owner: set its mode to 0644.");
    }
    if (secrecy == Secrecy::secret && (facts.st_mode & 077) != 0) {
        return key_file_unusable(
            file,
            "may be read or written by others than its owner, so it is no secret: set "
            "its mode to 0600, and think of a new key.");
    }
    std::string content(secret_file_bytes_max + 1, '\0');
    std::size_t filled = 0;
    while (filled < content.size()) {
        auto got = ::read(opened, content.data() + filled, content.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error(file);
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled > secret_file_bytes_max)
        return key_file_unusable(file, "is too long to be what it should be.");
    content.resize(filled);
    return content;
}

base::Result<std::string> text_of_file(const std::filesystem::path& file, Secrecy secrecy) {
    int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (opened < 0) return system_error(file);
    auto content = content_of(opened, file, secrecy);
    ::close(opened);
    return content;
}

}  // namespace

base::Result<std::vector<std::string>> read_secret_keys(const std::filesystem::path& file,
                                                        std::size_t bytes_min) {
    auto content = text_of_file(file, Secrecy::secret);
    if (!content) return content.error();
    if (content->find("-----BEGIN ") != content->npos) {
        return key_file_unusable(file, "has a key in PEM form, and these are no texts that sign.");
    }

    std::vector<std::string> keys;
    for (std::string_view rest = *content; !rest.empty();) {
        auto end = rest.find('\n');
        auto key = base::trim(rest.substr(0, end));
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
        if (key.empty()) continue;
        if (key.size() < bytes_min) {
            return key_file_unusable(file, "has a key of less than " + std::to_string(bytes_min) +
                                               " characters, which can be guessed.");
        }
        keys.emplace_back(key);
    }
    if (keys.empty()) return key_file_unusable(file, "has no key.");
    if (keys.size() > keys_max) return key_file_unusable(file, "has more than 32 keys.");
    return keys;
}

base::Result<std::string> read_public_keys(const std::filesystem::path& file) {
    return text_of_file(file, Secrecy::open);
}

base::Error key_file_unusable(const std::filesystem::path& file, const std::string& why) {
    return {
        base::Reason::invalid, "secret_file_unusable",
        "The file of keys that legacy.sessions names, " + file.filename().string() + ", " + why};
}

}  // namespace legacy
