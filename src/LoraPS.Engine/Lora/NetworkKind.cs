namespace LoraPS.Engine.Lora;

/// <summary>What kind of small change a network makes to each layer.</summary>
public enum NetworkKind
{
    /// <summary>A product of two low-rank factors (Hu et al. 2021).</summary>
    Lora,

    /// <summary>Low-rank factors of which only those that lead to the output are trained (Zhang et al. 2023).</summary>
    LoraFa,

    /// <summary>Low-rank factors whose first ranks work by themselves (Valipour et al. 2022).</summary>
    DyLora,

    /// <summary>Low-rank factors that turn the weight, beside trained lengths of its rows (Liu et al. 2024).</summary>
    Dora,

    /// <summary>A product, element by element, of two low-rank products (Hyeon-Woo et al. 2022).</summary>
    Loha,

    /// <summary>A Kronecker product (Edalati et al. 2022).</summary>
    Lokr,
}
