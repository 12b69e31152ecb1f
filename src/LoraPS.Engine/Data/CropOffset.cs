namespace LoraPS.Engine.Data;

/// <summary>Where a crop begins in the resized picture.</summary>
/// <param name="Left">Pixels.</param>
/// <param name="Top">Pixels.</param>
public readonly record struct CropOffset(int Left, int Top);
