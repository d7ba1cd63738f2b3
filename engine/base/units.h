#pragma once
// Inside: MeV, cm, g/cm3, s, radian. Results: Gy. Images are in mm and become cm in io alone.

namespace ytterby {

inline constexpr double gray_per_MeV_per_g = 1.602176634e-10;  // 1 MeV/g in Gy (exact, SI 2019)
inline constexpr double cm_per_mm = 0.1;
inline constexpr double seconds_per_hour = 3600.0;

}  // namespace ytterby
