#include "fuzz/cluster_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  openais::fuzz::fuzz_cluster(openais::Bytes(data, size));
  return 0;
}
