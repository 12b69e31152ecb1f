using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Runtime;

/// <summary>Finds NaN and infinite numbers.</summary>
internal static class Finite
{
    /// <summary>True if every element is a finite number.</summary>
    public static bool All(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.isfinite().all().item<bool>();
    }
}
