namespace LoraPS.Engine.Models.Clip;

/// <summary>Sizes of a CLIP text encoder. The defaults are those of CLIP ViT-L/14, which Stable Diffusion 1 reads with.</summary>
/// <remarks>Follows text_encoder/config.json of stable-diffusion-v1-5.</remarks>
public sealed record ClipTextConfig
{
    /// <summary>The encoder of Stable Diffusion 1.5.</summary>
    public static ClipTextConfig V15 { get; } = new();

    /// <value>Number of tokens known; default 49408.</value>
    public int VocabularySize { get; init; } = 49408;

    /// <value>Positions of one pass, begin and end included; default 77.</value>
    public int MaxPositions { get; init; } = 77;

    /// <value>Width of the states; default 768.</value>
    public int HiddenSize { get; init; } = 768;

    /// <value>Width inside the feed-forward parts; default 3072.</value>
    public int IntermediateSize { get; init; } = 3072;

    /// <value>Number of layers; default 12.</value>
    public int Layers { get; init; } = 12;

    /// <value>Number of attention heads; default 12.</value>
    public int Heads { get; init; } = 12;

    /// <value>Default <see cref="ClipActivation.QuickGelu"/>.</value>
    public ClipActivation Activation { get; init; } = ClipActivation.QuickGelu;
}
