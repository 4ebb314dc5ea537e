#pragma once

#include <atomic>
#include <memory>
#include <set>
#include <string>

#include "files.hpp"
#include "http/router.hpp"
#include "image/workers.hpp"
#include "media/library.hpp"

namespace media {

/// What an upload may be.
struct UploadLimits {
    std::int64_t bytes_max = 0;
    std::int64_t at_once_max = 0;
    std::set<std::string> other_kinds;  ///< words for what is taken besides pictures: `pdf`
};

/// POST /v1/media: takes bytes as they come, and keeps none of them in memory. What they are is
/// looked at, not believed; a picture is decoded once by a process apart before anybody may see it.
class UploadRoutes {
public:
    /// `shown` makes the answer of an item.
    using Shown = std::function<http::Response(const Item&)>;

    UploadRoutes(Library& library, Files& files, image::Workers& workers, UploadLimits limits,
                 telemetry::Counter& taken, Shown shown);
    void add_to(http::Router& router);

private:
    struct Upload;
    using Answer = base::Task<http::Response>;

    Answer upload(http::Request& request, http::BodyReader& body);
    base::Task<Item> take(http::Request& request, http::BodyReader& body);
    base::Task<void> read(Upload& upload, http::BodyReader& body);
    base::Task<Bytes> look_at(const Upload& upload, base::Deadline deadline);

    Library& library_;
    Files& files_;
    image::Workers& workers_;
    const UploadLimits limits_;
    telemetry::Counter& taken_;
    const Shown shown_;
    std::shared_ptr<std::atomic<std::int64_t>> under_way_ =
        std::make_shared<std::atomic<std::int64_t>>(0);
};

}  // namespace media
