namespace LoraPS.Engine.Naming;

/// <summary>Kinds of networks.</summary>
internal static class ModelParts
{
    /// <summary>True for the text encoder, and for the second one of Stable Diffusion XL.</summary>
    public static bool IsTextEncoder(this ModelPart part) => part is ModelPart.TextEncoder or ModelPart.TextEncoder2;
}
