#include "io/scheduling.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/bounds.hpp"

namespace openais {

const char* scheduling_name(Scheduling scheduling) {
  switch (scheduling) {
    case Scheduling::kRealTime:
      return "realTime";
    case Scheduling::kNice:
      return "nice";
    case Scheduling::kPlain:
      break;
  }
  return "plain";
}

Scheduling raise_priority(bool realtime) {
  sched_param param{};
  param.sched_priority = kRealtimePriority;
  if (realtime && ::sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &param) == 0) return Scheduling::kRealTime;
  // Niceness is a thread's own on Linux.
  const auto self = static_cast<id_t>(::syscall(SYS_gettid));
  const int niceness = realtime ? kNiceness : kFavouredNiceness;
  return ::setpriority(PRIO_PROCESS, self, niceness) == 0 ? Scheduling::kNice : Scheduling::kPlain;
}

bool lock_memory(std::span<const std::uint8_t> memory) {
  return ::mlock(memory.data(), memory.size()) == 0;
}

}  // namespace openais
