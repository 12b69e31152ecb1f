namespace LoraPS.Engine.Formats.Torch;

/// <summary>A run of numbers that tensors lie in.</summary>
/// <param name="DType">Type of the numbers.</param>
/// <param name="Key">Name of its file in the archive, after <c>data/</c>.</param>
/// <param name="Count">How many numbers.</param>
internal sealed record PickledStorage(SafetensorsDType DType, string Key, long Count);
