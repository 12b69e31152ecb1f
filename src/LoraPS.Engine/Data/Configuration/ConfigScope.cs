namespace LoraPS.Engine.Data.Configuration;

/// <summary>All option values that hold at a level: its own, and those of the levels above.</summary>
/// <param name="Dataset">Values for the data set.</param>
/// <param name="Subset">Values for subsets.</param>
internal sealed record ConfigScope(DatasetOptions Dataset, SubsetOptions Subset);
