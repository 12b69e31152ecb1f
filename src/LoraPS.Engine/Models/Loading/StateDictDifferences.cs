namespace LoraPS.Engine.Models.Loading;

/// <summary>Where the tensors of a checkpoint and those of a model differ.</summary>
internal sealed class StateDictDifferences
{
    public List<string> Missing { get; } = [];

    public List<string> Unexpected { get; } = [];

    public List<string> MisShaped { get; } = [];

    public bool Any => Missing.Count + Unexpected.Count + MisShaped.Count > 0;
}
