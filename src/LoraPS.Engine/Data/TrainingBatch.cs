namespace LoraPS.Engine.Data;

/// <summary>Pictures that are trained in one forward pass.</summary>
/// <param name="Bucket">The size all of them have.</param>
/// <param name="Items">The pictures; at least one.</param>
public sealed record TrainingBatch(ImageSize Bucket, IReadOnlyList<BatchItem> Items);
