namespace LoraPS.Engine.Naming;

/// <summary>Kinds of models whose LoRAs do not fit each other.</summary>
public enum ModelFamily
{
    /// <summary>Names and shapes do not tell.</summary>
    Unknown,

    /// <summary>Stable Diffusion 1.x.</summary>
    StableDiffusion1,

    /// <summary>Stable Diffusion 2.x.</summary>
    StableDiffusion2,

    /// <summary>Stable Diffusion XL.</summary>
    StableDiffusionXL,

    /// <summary>Stable Diffusion 3.x.</summary>
    StableDiffusion3,

    /// <summary>FLUX.1.</summary>
    Flux,
}
