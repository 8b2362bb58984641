// What it costs to seal and to open one packet, in nanoseconds: the best of several rounds, so that other work on the
// machine shows less.
//
//   cmake --build BUILD --target bench_seal && BUILD/bench_seal [bytes of plain text, default 1400]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "core/limits.hpp"
#include "crypto/openssl_protection.hpp"

namespace {

using namespace openais;

constexpr int kRounds = 20;
constexpr int kPackets = 20'000;

template <typename Action>
double best_ns(Action action) {
  using Clock = std::chrono::steady_clock;
  double best = 1e18;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = Clock::now();
    for (int i = 0; i < kPackets; ++i) action();
    const std::chrono::duration<double, std::nano> spent = Clock::now() - start;
    best = std::min(best, spent.count() / kPackets);
  }
  return best;
}

bool measure(Cipher cipher, std::size_t size) {
  const std::vector<std::uint8_t> group_key(kGroupKeySize, 0x5a);
  const Identity self{1, 1, 1};
  std::string error;
  const OpensslProtection::Config config{cipher, group_key, "bench", 0, self};
  const auto protection = OpensslProtection::create(config, error);
  if (protection == nullptr) {
    std::fprintf(stderr, "%s\n", error.c_str());
    return false;
  }
  const auto opener = protection->opener(self);
  const std::vector<std::uint8_t> header(13, 1), known(16, 2), plain(size, 3);
  std::vector<std::uint8_t> sealed(size + kTagSize), opened(size + kTagSize);
  std::uint64_t counter = 0;
  bool ok = true;
  const double seal_ns = best_ns([&] { ok = protection->seal(++counter, header, known, plain, sealed.data()) && ok; });
  const double open_ns = best_ns([&] { ok = opener->open(counter, header, known, sealed, opened.data()) && ok; });
  const double bytes = static_cast<double>(size);
  std::printf("%-18s %6zu bytes   seal %6.0f ns (%.2f GB/s)   open %6.0f ns (%.2f GB/s)\n", cipher_name(cipher), size,
              seal_ns, bytes / seal_ns, open_ns, bytes / open_ns);
  return ok;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t size = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1400;
  if (size == 0 || size + kTagSize > kMaxDatagram) {
    std::fprintf(stderr, "usage: seal [bytes, 1 to %zu]\n", kMaxDatagram - kTagSize);
    return 2;
  }
  std::string error;
  if (const OpensslApi* const api = OpensslApi::find(error)) std::printf("%s\n", api->version(0));
  return measure(Cipher::kAes256Gcm, size) && measure(Cipher::kChacha20Poly1305, size) ? 0 : 1;
}
