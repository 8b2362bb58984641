#include "io/scheduling.hpp"

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "io/bounds.hpp"

using namespace openais;

TEST_CASE("what is reported is what the thread has, and other threads stay as they are") {
  for (const bool realtime : {true, false}) {
    Scheduling granted = Scheduling::kPlain;
    int policy = -1;
    int niceness = 0;
    std::thread([&] {
      granted = raise_priority(realtime);
      policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
      niceness = getpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)));
    }).join();
    switch (granted) {
      case Scheduling::kRealTime:
        CHECK(realtime);
        CHECK(policy == SCHED_RR);
        break;
      case Scheduling::kNice:
        CHECK(policy == SCHED_OTHER);
        CHECK(niceness == (realtime ? kNiceness : kFavouredNiceness));
        break;
      case Scheduling::kPlain:
        CHECK(policy == SCHED_OTHER);
        break;
    }
  }
  CHECK(sched_getscheduler(0) == SCHED_OTHER);
}

TEST_CASE("the names of schedulings differ") {
  CHECK(std::string(scheduling_name(Scheduling::kRealTime)) == "realTime");
  CHECK(std::string(scheduling_name(Scheduling::kNice)) == "nice");
  CHECK(std::string(scheduling_name(Scheduling::kPlain)) == "plain");
}

TEST_CASE("what the system says about memory is reported") {
  const std::vector<std::uint8_t> page(4096);
  CHECK(lock_memory(page) == (mlock(page.data(), page.size()) == 0));
  // Nothing is there. (Sanitizers lock nothing, and never fail.)
  const auto* nowhere = reinterpret_cast<const std::uint8_t*>(std::uintptr_t{4096});
  CHECK(lock_memory({nowhere, 4096}) == (mlock(nowhere, 4096) == 0));
}
