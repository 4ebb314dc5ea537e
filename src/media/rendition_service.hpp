#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/watermark.hpp"
#include "base/work_pool.hpp"
#include "disk.hpp"
#include "file_cache.hpp"
#include "files.hpp"
#include "image/workers.hpp"
#include "renditions.hpp"

namespace media {

/// Keeps renditions in a folder, `ab/cdef…-HASH-640x360.webp` by the SHA-256 of the picture, within
/// a bound.
class RenditionService final : public Renditions {
public:
    struct Options {
        std::filesystem::path folder;
        std::int64_t bytes_max = 0;
        Disk::Options disk{};
        RenditionSizes sizes;
    };

    RenditionService(Options options, Files& originals, image::Workers& workers,
                     telemetry::Counter& made);

    std::string hash_of(const Item& item) const override;
    base::Task<std::filesystem::path> file(Item item, RenditionName name,
                                           base::Deadline deadline) override;
    base::Task<void> forget(std::string sha256) override;

    std::int64_t bytes() const { return cache_.bytes(); }
    /// Empty: none. As Files::trouble().
    std::string trouble() const { return disk_.trouble(); }

private:
    /// One that is being made; others wait until `done` is 1.
    struct Flight {
        base::Watermark done;
        std::optional<base::Error> refusal{};  ///< before `done`
    };
    class Turn;

    bool has_failed(const std::filesystem::path& path);
    void remember_failed(const std::filesystem::path& path);

    std::filesystem::path path_of(const Item& item, const RenditionName& name) const;
    base::Task<std::filesystem::path> make(const Item& item, const RenditionName& name,
                                           std::filesystem::path path, base::Deadline deadline);
    base::Task<void> put_in_place(int descriptor, std::filesystem::path part,
                                  std::filesystem::path path);

    const Options options_;
    Files& originals_;
    image::Workers& workers_;
    telemetry::Counter& made_;
    Disk disk_;
    FileCache cache_;
    std::mutex mutex_;  ///< of the maps alone
    /// Those that could not be made, and until when nobody tries again.
    std::map<std::filesystem::path, base::Deadline::Clock::time_point> failed_;
    std::map<std::filesystem::path, std::shared_ptr<Flight>> flights_;
    base::WorkPool thread_;  ///< last: it uses the rest
};

}  // namespace media
