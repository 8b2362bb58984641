// A network of its own for what loopback cannot show: interfaces that go, that are narrow, that are slow.
#pragma once

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

namespace openais::test {

enum class Outcome { kPassed, kFailed, kImpossible };

// Two interfaces that face each other, `near` with 10.9.0.1/24.
inline bool make_interfaces() {
  return std::system(
             "{ ip link set lo up && ip link add near type veth peer name far && ip addr add 10.9.0.1/24 dev near &&"
             " ip link set near up && ip link set far up; } >/dev/null 2>&1") == 0;
}

inline bool run_command(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

// Runs `body` in a process with a network of its own and says what it returned. Impossible: this system does not let
// us.
template <typename Body>
Outcome in_own_network(const Body& body) {
  std::fflush(nullptr);
  std::cout.flush();
  const pid_t child = ::fork();
  if (child == 0) {
    const bool is_possible =
        (::unshare(CLONE_NEWNET) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) && make_interfaces();
    // Not _exit(): what was executed here counts for the coverage too.
    std::exit(!is_possible ? 2 : body() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status)) return Outcome::kFailed;
  return WEXITSTATUS(status) == 2   ? Outcome::kImpossible
         : WEXITSTATUS(status) == 0 ? Outcome::kPassed
                                    : Outcome::kFailed;
}

}  // namespace openais::test
