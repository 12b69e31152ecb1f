using LoraPS.Engine.Naming;

namespace LoraPS.ModelMaker;

/// <summary>One weight or bias of a model.</summary>
/// <param name="Part">The network it belongs to.</param>
/// <param name="Name">Its name there: "conv_in.weight".</param>
/// <param name="Shape">Sizes of its dimensions.</param>
/// <param name="Index">Its number in the whole model, which names its random sequence.</param>
public sealed record ModelParameter(ModelPart Part, string Name, IReadOnlyList<long> Shape, int Index)
{
    /// <summary>Number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, side) => product * side);
}
