#pragma once

#include "files.hpp"
#include "item_store.hpp"
#include "media/library.hpp"
#include "renditions.hpp"

namespace media {

/// The items, over their store; bytes go with the last item that has them.
class LibraryService final : public Library {
public:
    LibraryService(ItemStore& store, Files& files, Renditions& renditions)
        : store_(store), files_(files), renditions_(renditions) {}

    base::Task<Item> item(ItemId id, base::Context context) const override;
    base::Task<std::vector<Item>> list(ListQuestion question, base::Context context) const override;
    base::Task<Item> add(Bytes bytes, Description description, Focus focus,
                         base::Command command) override;
    base::Task<Changed> change(ItemId id, Change change, base::Command command) override;
    base::Task<void> remove(ItemId id, base::Command command) override;

private:
    ItemStore& store_;
    Files& files_;
    Renditions& renditions_;
};

}  // namespace media
