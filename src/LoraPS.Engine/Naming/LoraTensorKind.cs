namespace LoraPS.Engine.Naming;

/// <summary>What a tensor is to its LoRA module.</summary>
public enum LoraTensorKind
{
    /// <summary>The A factor, from the input to the bottleneck.</summary>
    Down,

    /// <summary>The B factor, from the bottleneck to the output.</summary>
    Up,

    /// <summary>The strength.</summary>
    Alpha,
}
