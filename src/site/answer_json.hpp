#pragma once

#include <string>
#include <vector>

#include "site/counters.hpp"
#include "site/lists.hpp"
#include "site/redirects.hpp"

namespace site {

// The bodies of answers.

std::string stored_body(const RedirectsStored& stored);
/// `next`: the cursor of what follows; empty at the end.
std::string redirects_body(const std::vector<Redirect>& redirects, const std::string& next);
std::string resolution_body(const Resolution& resolution, int status);

std::string list_body(const List& list);
std::string lists_body(const std::vector<ListSummary>& lists);
std::string history_body(const std::string& name, const ListHistory& history);

std::string counts_body(const SiteCounts& counts);

}  // namespace site
