// Tells a service manager how far we are, where one listens: systemd, through $NOTIFY_SOCKET.
#pragma once

#include <string_view>

namespace trapline::runtime {

// "READY=1" or "STOPPING=1". Does nothing where nobody asked.
void notify_manager(std::string_view state);

} // namespace trapline::runtime
