namespace LoraPS.Engine.Data;

/// <summary>The pictures of a data set that are trained at one size.</summary>
/// <param name="Size">Pixels after resizing and cropping.</param>
/// <param name="ImageCount">Pictures.</param>
/// <param name="ItemCount">Pictures counted as often as they are seen in an epoch.</param>
/// <param name="BatchCount">Batches an epoch; the last one may be smaller.</param>
public sealed record AspectBucket(ImageSize Size, int ImageCount, int ItemCount, int BatchCount);
