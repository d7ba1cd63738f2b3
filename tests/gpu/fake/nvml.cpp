// A management library for tests: one GPU at 0000:3b:00.0 that takes 250 W whatever it does.

#include <chrono>
#include <cstring>

extern "C" {

int nvmlInit_v2() { return 0; }
int nvmlDeviceGetHandleByPciBusId_v2(const char* address, void** device) {
  static int gpu = 0;
  *device = &gpu;
  return std::strcmp(address, "0000:3b:00.0") == 0 ? 0 : 6;
}
int nvmlSystemGetDriverVersion(char* text, unsigned size) {
  std::strncpy(text, "580.1", size);
  return 0;
}
int nvmlDeviceGetMaxClockInfo(void*, int clock, unsigned* value) {
  *value = clock == 1 ? 1980 : 2619;
  return 0;
}
int nvmlDeviceGetClockInfo(void*, int clock, unsigned* value) {
  *value = clock == 1 ? 1755 : 2619;
  return 0;
}
int nvmlDeviceGetEnforcedPowerLimit(void*, unsigned* milliwatts) {
  *milliwatts = 700000;
  return 0;
}
int nvmlDeviceGetEccMode(void*, unsigned* now, unsigned* then) {
  *now = *then = 1;
  return 0;
}
int nvmlDeviceGetMigMode(void*, unsigned* now, unsigned* then) {
  *now = *then = 0;
  return 3;  // not supported
}
int nvmlDeviceGetTemperature(void*, int, unsigned* degrees) {
  *degrees = 61;
  return 0;
}
int nvmlDeviceGetPowerUsage(void*, unsigned* milliwatts) {
  *milliwatts = 250000;
  return 0;
}
int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* reasons) {
  *reasons = 4 | 64;
  return 0;
}
int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* millijoules) {
  using namespace std::chrono;
  *millijoules = 250ull * static_cast<unsigned long long>(
                              duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
  return 0;
}
}
