namespace LoraPS.Engine.Training;

/// <summary>What sd-scripts calls losses and their schedules.</summary>
internal static class LossNames
{
    /// <summary>As in <c>--loss_type</c>.</summary>
    public static string Of(LossKind kind) => kind switch
    {
        LossKind.L1 => "l1",
        LossKind.Huber => "huber",
        LossKind.SmoothL1 => "smooth_l1",
        _ => "l2",
    };

    /// <summary>As in <c>--huber_schedule</c>.</summary>
    public static string Of(HuberSchedule schedule) => schedule switch
    {
        HuberSchedule.Exponential => "exponential",
        HuberSchedule.Constant => "constant",
        _ => "snr",
    };
}
