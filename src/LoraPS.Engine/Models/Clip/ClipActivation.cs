namespace LoraPS.Engine.Models.Clip;

/// <summary>What a text encoder puts between the two maps of its feed-forward part.</summary>
public enum ClipActivation
{
    /// <summary>x · sigmoid(1.702 x), as OpenAI's CLIP has it.</summary>
    QuickGelu,

    /// <summary>The exact GELU, as OpenCLIP has it.</summary>
    Gelu,
}
