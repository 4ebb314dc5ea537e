#include "rendition_service.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <vector>

#include "base/ids.hpp"
#include "digest_crypto.hpp"
#include "disk.hpp"
#include "folder_files.hpp"
#include "rules.hpp"
#include "telemetry/log.hpp"

namespace media {

namespace {

namespace fs = std::filesystem;

/// Grows when the same picture would be made another way: then all addresses are others.
constexpr const char* how_they_are_made = "portal renditions 1";
constexpr std::size_t address_letters = 16;
constexpr std::size_t queue_max = 1000;

base::Error no_picture() {
    return {base::Reason::not_found, "rendition_not_found",
            "This is no picture, so there are no renditions of it."};
}

/// So that a picture does not cost its time on each request; and not for ever, since it may have
/// been a moment with much to do.
constexpr std::chrono::minutes failure_lasts{10};
constexpr std::size_t failures_max = 1000;

base::Error has_none() {
    return {
        base::Reason::not_found, "rendition_not_found",
        "This rendition cannot be made of this picture. Ask for another size or format, or send "
        "the picture smaller; this one is tried again in ten minutes at most."};
}

base::Error cannot_be_made() {
    return {base::Reason::unavailable, "rendition_failed",
            "This rendition cannot be made now. Try again later."};
}

struct Descriptor {
    explicit Descriptor(int n) : number(n) {}
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
    Descriptor(const Descriptor&) = delete;
    const int number;
};

image::Kind kind_of_word(std::string_view word) {
    for (auto kind : {image::Kind::jpeg, image::Kind::png, image::Kind::webp, image::Kind::avif,
                      image::Kind::gif}) {
        if (image::word_of(kind) == word) return kind;
    }
    return image::Kind::unknown;
}

std::string shortest(double value) {
    std::array<char, 32> text{};
    auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end};
}

}  // namespace

/// Whoever makes a rendition tells those who wait, however that ends.
class RenditionService::Turn {
public:
    Turn(RenditionService& service, fs::path path, std::shared_ptr<Flight> flight)
        : service_(service), path_(std::move(path)), flight_(std::move(flight)) {}
    ~Turn() {
        {
            std::lock_guard lock(service_.mutex_);
            service_.flights_.erase(path_);
        }
        flight_->done.advance(1);
    }
    Turn(const Turn&) = delete;
    void refuse(const base::Error& error) { flight_->refusal = error; }

private:
    RenditionService& service_;
    const fs::path path_;
    const std::shared_ptr<Flight> flight_;
};

RenditionService::RenditionService(Options options, Files& originals, image::Workers& workers,
                                   telemetry::Counter& made)
    : options_(std::move(options)),
      originals_(originals),
      workers_(workers),
      made_(made),
      disk_(options_.folder, options_.disk),
      cache_(options_.folder, options_.bytes_max),
      thread_({"media-cache", 1, queue_max, 0, cannot_be_made()}) {
    try {
        cache_.load();
    } catch (const std::system_error& failure) {
        disk_.failed(failure);
    }
}

std::string RenditionService::hash_of(const Item& item) const {
    std::string text = how_they_are_made;
    text +=
        "\n" + item.bytes.sha256 + "\n" + shortest(item.focus.x) + "\n" + shortest(item.focus.y);
    return digest_of(text).substr(0, address_letters);
}

bool RenditionService::has_failed(const fs::path& path) {
    std::lock_guard lock(mutex_);
    auto known = failed_.find(path);
    if (known == failed_.end()) return false;
    if (base::Deadline::Clock::now() < known->second) return true;
    failed_.erase(known);
    return false;
}

void RenditionService::remember_failed(const fs::path& path) {
    std::lock_guard lock(mutex_);
    if (failed_.size() >= failures_max) {
        auto sooner = [](const auto& one, const auto& other) { return one.second < other.second; };
        failed_.erase(std::min_element(failed_.begin(), failed_.end(), sooner));
    }
    failed_[path] = base::Deadline::Clock::now() + failure_lasts;
}

fs::path RenditionService::path_of(const Item& item, const RenditionName& name) const {
    auto size = std::to_string(name.width);
    if (name.height > 0) size += "x" + std::to_string(name.height);
    auto path = options_.folder / place_of(item.bytes.sha256);
    path += "-" + hash_of(item) + "-" + size + "." + name.format;
    return path;
}

base::Task<fs::path> RenditionService::file(Item item, RenditionName name,
                                            base::Deadline deadline) {
    auto kind = kind_of_word(item.bytes.kind);
    if (kind == image::Kind::unknown) co_return no_picture();
    auto allowed = check(name, options_.sizes);
    if (!allowed) co_return allowed.error();
    auto path = path_of(item, name);
    if (cache_.has(path)) co_return path;
    if (has_failed(path)) co_return has_none();
    std::shared_ptr<Flight> flight;
    bool is_first = false;
    {
        std::lock_guard lock(mutex_);
        auto& slot = flights_[path];
        is_first = !slot;
        if (is_first) slot = std::make_shared<Flight>();
        flight = slot;
    }
    if (!is_first) {
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline.within(std::chrono::minutes(1)).at() - base::Deadline::Clock::now());
        auto in_time = co_await flight->done.reached(1, left);
        if (!in_time) co_return in_time.error();
        if (!*in_time) co_return base::deadline_passed();
        const auto& refusal = flight->refusal;
        if (refusal) co_return *refusal;
        co_return path;
    }
    Turn turn(*this, path, flight);
    auto made = co_await make(item, name, path, deadline);
    if (!made) turn.refuse(made.error());
    co_return made;
}

base::Task<fs::path> RenditionService::make(const Item& item, const RenditionName& name,
                                            fs::path path, base::Deadline deadline) {
    auto original = co_await originals_.file(item.bytes.sha256, deadline);
    if (!original) co_return original.error();
    Descriptor from(::open(original->c_str(), O_RDONLY | O_CLOEXEC));
    if (from.number < 0) co_return bytes_unreadable();
    auto room = disk_.room();
    if (!room) co_return room.error();
    std::error_code exists;
    fs::create_directories(path.parent_path(), exists);
    auto part = path.parent_path() / (base::make_uuid_v7(base::Time()) + FileCache::part_ending);
    Descriptor to(::open(part.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (to.number < 0) {
        std::system_error failure(errno, std::generic_category(), part.string());
        co_return disk_.failed(failure);
    }
    image::InputFile input{from.number, item.bytes.bytes, kind_of_word(item.bytes.kind)};
    image::Wanted wanted;
    wanted.format = name.format == "jpg"    ? image::Kind::jpeg
                    : name.format == "avif" ? image::Kind::avif
                                            : image::Kind::webp;
    wanted.width = name.width;
    wanted.height = name.height;
    wanted.focus_x = item.focus.x;
    wanted.focus_y = item.focus.y;
    auto made = co_await workers_.make(input, wanted, to.number, deadline);
    if (!made) {
        ::unlink(part.c_str());
        // It could be decoded when it came: what is wrong now is no fault of who asks.
        if (made.error().reason != base::Reason::invalid) co_return made.error();
        telemetry::log(telemetry::Level::error, "media", "a rendition could not be made",
                       {{"media", item.id}, {"error", made.error().message}});
        remember_failed(path);
        co_return has_none();
    }
    auto placed = co_await put_in_place(to.number, part, path);
    if (!placed) co_return placed.error();
    made_.add();
    co_return path;
}

base::Task<void> RenditionService::put_in_place(int descriptor, fs::path part, fs::path path) {
    struct Placed {
        bool is_done = false;
        std::optional<base::Error> refusal{};
    };
    auto work = [this, descriptor, part, path] {
        try {
            // Under its own name it is whole, also after a power cut.
            bool is_placed = ::fsync(descriptor) == 0 && ::rename(part.c_str(), path.c_str()) == 0;
            if (!is_placed) throw_errno(path);
            cache_.added(path);
        } catch (const std::system_error& failure) {
            ::unlink(part.c_str());
            return Placed{false, disk_.failed(failure)};
        }
        disk_.works();
        return Placed{true, {}};
    };
    auto placed = co_await thread_.run<Placed>(base::Deadline(), 0, std::move(work));
    if (!placed) co_return placed.error();
    if (placed->refusal) co_return *placed->refusal;
    co_return base::Result<void>();
}

base::Task<void> RenditionService::forget(std::string sha256) {
    auto work = [this, sha256] {
        auto place = options_.folder / place_of(sha256);
        auto prefix = place.filename().string() + "-";
        std::error_code none;
        for (const auto& file : fs::directory_iterator(place.parent_path(), none)) {
            if (file.path().filename().string().starts_with(prefix)) cache_.remove(file.path());
        }
        return true;
    };
    auto done = co_await thread_.run<bool>(base::Deadline(), 0, std::move(work));
    if (!done) co_return done.error();
    co_return base::Result<void>();
}

}  // namespace media
