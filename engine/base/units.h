#pragma once
// Inside: MeV, cm, g/cm3, s, radian. Results: Gy. Images are in mm and become cm in io alone.

namespace ytterby {

inline constexpr double gray_per_MeV_per_g = 1.602176634e-10;  // 1 MeV/g in Gy (exact, SI 2019)
inline constexpr double cm_per_mm = 0.1;
inline constexpr double seconds_per_hour = 3600.0;

namespace literals {
constexpr double operator""_MeV(long double v) { return static_cast<double>(v); }
constexpr double operator""_keV(long double v) { return static_cast<double>(v) * 1e-3; }
constexpr double operator""_eV(long double v) { return static_cast<double>(v) * 1e-6; }
constexpr double operator""_mm(long double v) { return static_cast<double>(v) * cm_per_mm; }
constexpr double operator""_cm(long double v) { return static_cast<double>(v); }
}  // namespace literals

}  // namespace ytterby
