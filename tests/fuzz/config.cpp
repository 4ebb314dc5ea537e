// The configuration: whatever the file, the variables and the options hold, there are problems to
// be read or every value is within its limits; and what is printed can be read again.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "bus/subscription.hpp"
#include "config/reader.hpp"
#include "database/database.hpp"
#include "fuzz/check.hpp"
#include "portal/settings.hpp"

// These sections are declared beside what needs SQLite, and hold nothing but more numbers.
void database::describe(config::Section&, Config&) {}
void bus::describe(config::Section&, Config&) {}

namespace {

using config::Range;
using config::Section;
using fuzz::require;

/// Passes every call on, and looks at what came back.
class Watched final : public Section {
public:
    explicit Watched(Section& inner) : inner_(inner) {}

    void integer(const std::string& key, std::int64_t& value, Range allowed,
                 const std::string& meaning) override {
        inner_.integer(key, value, allowed, meaning);
        require(value >= allowed.least && value <= allowed.most, "a number is within its range");
    }
    void boolean(const std::string& key, bool& value, const std::string& meaning) override {
        inner_.boolean(key, value, meaning);
    }
    void text(const std::string& key, std::string& value, const std::string& meaning) override {
        inner_.text(key, value, meaning);
        require_text(value);
    }
    void path(const std::string& key, std::string& value, const std::string& meaning,
              std::string* in_file) override {
        inner_.path(key, value, meaning, in_file);
        require_text(value);
    }
    void choice(const std::string& key, std::string& value, const std::vector<std::string>& allowed,
                const std::string& meaning) override {
        inner_.choice(key, value, allowed, meaning);
        require(std::find(allowed.begin(), allowed.end(), value) != allowed.end(),
                "a word is one of those allowed");
    }
    void list(const std::string& key, std::vector<std::string>& value,
              const std::string& meaning) override {
        inner_.list(key, value, meaning);
        for (const auto& text : value) require_text(text);
    }
    void table(const std::string& key, std::map<std::string, std::string>& value,
               const std::string& meaning) override {
        inner_.table(key, value, meaning);
        for (const auto& [name, text] : value) {
            require_text(name);
            require_text(text);
        }
    }
    void each_object(const std::string& key, std::size_t count, const std::string& meaning,
                     const std::function<void(std::size_t)>& resize,
                     const std::function<void(Section&, std::size_t)>& describe) override {
        auto watched = [&describe](Section& section, std::size_t number) {
            Watched below(section);
            describe(below, number);
        };
        inner_.each_object(key, count, meaning, resize, watched);
    }
    Section& section(const std::string& key, const std::string& meaning) override {
        below_ = std::make_unique<Watched>(inner_.section(key, meaning));
        return *below_;
    }
    void refuse(const std::string& path, const std::string& message) override {
        inner_.refuse(path, message);
    }

private:
    static void require_text(const std::string& value) {
        require(base::count_code_points(value).has_value(), "a text is UTF-8");
        require(std::none_of(value.begin(), value.end(),
                             [](unsigned char c) { return c < 0x20 || c == 0x7f; }),
                "a text has no control characters");
        require(value.find('\0') == value.npos, "a text has no NUL");
    }

    Section& inner_;
    std::unique_ptr<Watched> below_;
};

config::Describe watching(portal::Settings& settings) {
    return [&settings](Section& real) {
        Watched root(real);
        portal::describe(settings)(root);
    };
}

/// A file in memory.
class MemoryFile {
public:
    MemoryFile() : descriptor_(::memfd_create("settings", 0)) {}
    ~MemoryFile() { ::close(descriptor_); }
    std::filesystem::path write(std::string_view text) const {
        auto size = static_cast<ssize_t>(text.size());
        bool written = ::ftruncate(descriptor_, 0) == 0 &&
                       ::pwrite(descriptor_, text.data(), text.size(), 0) == size;
        require(written, "the file is written");
        return "/proc/self/fd/" + std::to_string(descriptor_);
    }

private:
    int descriptor_;
};

/// Lines `PORTAL__…=…` and `--set …` come first, the rest is the file. Neither a variable nor an
/// option can have a NUL.
config::Sources sources_of(std::string_view input, const MemoryFile& file) {
    config::Sources sources;
    constexpr std::string_view option = "--set ";
    for (;;) {
        auto rest = input;
        auto line = fuzz::take_until(rest, '\n');
        if (line.find('\0') != line.npos) break;
        if (line.starts_with(option)) {
            sources.overrides.emplace_back(line.substr(option.size()));
        } else if (auto equals = line.find('=');
                   line.starts_with("PORTAL__") && equals != line.npos) {
            sources.environment.emplace_back(line.substr(0, equals), line.substr(equals + 1));
        } else {
            break;
        }
        input = rest;
    }
    if (!input.empty()) sources.file = file.write(input);
    return sources;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const MemoryFile file;
    portal::Settings settings;
    auto problems = config::read(sources_of(fuzz::text_of(bytes, size), file), watching(settings));
    for (const auto& problem : problems) {
        require(!problem.message.empty(), "a problem is a sentence");
        require(base::count_code_points(problem.message) ||
                    !base::count_code_points(fuzz::text_of(bytes, size)),
                "a problem can be shown");
    }
    if (!problems.empty()) return 0;
    // Read once more first: paths are relative to the file that names them, and printed as they are
    // meant.
    portal::Settings named;
    auto more = config::read({file.write(config::print(watching(settings)))}, watching(named));
    require(more.empty(), "what is printed can be read");
    auto printed = config::print(watching(named));
    portal::Settings again;
    more = config::read({file.write(printed)}, watching(again));
    require(more.empty(), "what is printed can be read again");
    require(config::print(watching(again)) == printed, "what is printed says everything");
    return 0;
}
