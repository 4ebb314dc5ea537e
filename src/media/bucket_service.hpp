#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "file_cache.hpp"
#include "folder_files.hpp"
#include "http/client.hpp"
#include "signature_crypto.hpp"
#include "telemetry/metrics.hpp"

namespace media {

/// In a bucket of an object store that speaks S3's API, as `{prefix}ab/cdef…`: the names that the
/// folder has, so the one can be copied to the other. What is used lies in a folder of copies,
/// within a bound. A file is in the bucket before anybody speaks of it, and each object is held
/// against its name when it comes; what a kill leaves in the bucket stays there.
///
/// Refused with `media_store_unavailable` (unavailable) when it does not answer as it should, in
/// three attempts; the log says what it did. Thread-safe.
class BucketService final : public Files {
public:
    struct Options {
        http::UpstreamAddress server;
        std::string bucket;
        std::string region;
        std::string prefix;
        StoreKey key;
        std::filesystem::path copies;  ///< a folder
        std::int64_t copies_bytes_max = 0;
        std::size_t queue_max = 0;
        Disk::Options disk{};
        std::chrono::milliseconds retry_wait{200};
    };

    /// Makes the folder of copies. The rest outlives it.
    BucketService(Options options, std::unique_ptr<http::Client> client, const base::Clock& clock,
                  telemetry::Counter& failures);

    std::int64_t sweep(const std::function<bool(const std::string& sha256)>& is_used) override;
    base::Result<std::unique_ptr<IncomingFile>> begin() override;
    base::Task<Hold> keep(std::unique_ptr<IncomingFile> file, std::string sha256,
                          base::Deadline deadline) override;
    base::Task<std::filesystem::path> file(std::string sha256, base::Deadline deadline) override;
    base::Task<bool> remove(std::string sha256, std::function<bool()> is_used) override;
    std::string trouble() const override;

private:
    /// One request for an object.
    struct Asked {
        http::Method method = http::Method::get;
        std::string sha256;
        int descriptor = -1;  ///< of what is sent
        std::uint64_t bytes = 0;
    };

    http::ClientRequest request_for(const Asked& asked) const;
    base::Task<http::ClientResponse> ask(Asked asked, base::Deadline deadline);
    base::Task<std::filesystem::path> fetch(std::string sha256, base::Deadline deadline);

    const Options options_;
    const std::unique_ptr<http::Client> client_;
    const base::Clock& clock_;
    telemetry::Counter& failures_;
    std::atomic<bool> in_trouble_{false};
    Holds holds_;
    FileCache cache_;
    FolderFiles copies_;  ///< last: its thread uses the rest
};

}  // namespace media
