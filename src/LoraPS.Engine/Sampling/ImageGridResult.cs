namespace LoraPS.Engine.Sampling;

/// <summary>A grid of pictures that was written.</summary>
/// <param name="Path">The PNG file.</param>
/// <param name="ImageCount">Pictures in it.</param>
/// <param name="Columns">Pictures in a row.</param>
/// <param name="Rows">Rows; the last need not be full.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record ImageGridResult(string Path, int ImageCount, int Columns, int Rows, int Width, int Height);
