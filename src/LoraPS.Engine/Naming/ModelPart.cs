namespace LoraPS.Engine.Naming;

/// <summary>One of the networks a Stable Diffusion model is made of.</summary>
public enum ModelPart
{
    /// <summary>Predicts noise in latents.</summary>
    UNet,

    /// <summary>Turns pictures into latents and back.</summary>
    Vae,

    /// <summary>Turns token ids into hidden states.</summary>
    TextEncoder,

    /// <summary>The second text encoder of Stable Diffusion XL.</summary>
    TextEncoder2,
}
