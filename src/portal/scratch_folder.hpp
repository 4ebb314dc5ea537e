#pragma once

#include <filesystem>

namespace portal {

/// A data folder for commands that need none of the real one: that may have an owner, or may not be
/// there yet, and whoever only asks must not change it. Gone at the end. Nothing is logged
/// meanwhile, since what modules say of it (that keys are made …) is about nothing that stays.
class ScratchFolder {
public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace portal
