#pragma once

#include "base/result.hpp"
#include "listener.hpp"

namespace http {

/// The sockets that whoever started this process has opened, as systemd passes them (LISTEN_PID,
/// LISTEN_FDS, LISTEN_FDNAMES); none if the environment speaks of another process, or of nothing.
/// One without a name is called `unknown`. They outlive the process: what comes while no server
/// runs waits in their queue for the next.
InheritedSockets inherited_sockets();
/// The same of these three variables; null for one that is not set.
InheritedSockets read_inherited(const char* listen_pid, const char* listen_fds,
                                const char* listen_names, long own_pid);

/// `count` descriptors of each socket of `wanted`'s name: one queue, into which all threads look.
/// The queue holds `queued_max` connections from now on. Refused, as by bind_listener, if there is
/// no socket of that name or one does not listen.
base::Result<Bound> take_inherited(const InheritedSockets& sockets, Address wanted,
                                   std::size_t count, int queued_max);

}  // namespace http
