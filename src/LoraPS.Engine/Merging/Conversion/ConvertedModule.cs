using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>A module of a LoRA in whatever form.</summary>
/// <param name="File">The open file that holds it.</param>
/// <param name="Part">The network.</param>
/// <param name="Path">The module's diffusers path.</param>
/// <param name="Down">[r, in] or [r, in, k, k].</param>
/// <param name="Up">[out, r] or [out, r, 1, 1].</param>
/// <param name="Alpha">Its alpha; the rank where the file has none.</param>
internal sealed record ConvertedModule(SafetensorsFile File, ModelPart Part, string Path, TensorInfo Down, TensorInfo Up, double Alpha)
{
    /// <summary>r.</summary>
    public long Rank => Down.Shape[0];

    /// <summary>True where alpha/rank is 1, so that a form without alphas says the same.</summary>
    public bool IsOfStrengthOne => Alpha == Rank;
}
