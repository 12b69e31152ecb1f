namespace LoraPS.Engine.Sampling;

/// <summary>How the noise levels of a sampler's steps are spread.</summary>
public enum SigmaSpacing
{
    /// <summary>At equally spaced timesteps from the last to the first.</summary>
    Even,

    /// <summary>Equally spaced in σ^(1/7), which puts more steps at low noise: Karras et al., "Elucidating the design space of
    /// diffusion-based generative models", 2022, equation 5.</summary>
    Karras,

    /// <summary>At every n-th timestep from the second one on, as DDIM does.</summary>
    Leading,
}
